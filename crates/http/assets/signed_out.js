(function () {
  var link = document.getElementById('onward'), frames = document.getElementsByTagName('iframe')
  var waiting = frames.length, gone = false, i
  function go() {
    if (!gone) { gone = true; location.replace(link.href) }
  }
  function loaded() {
    waiting -= 1
    if (waiting < 1) go()
  }
  for (i = 0; i < frames.length; i += 1) frames[i].addEventListener('load', loaded)
  setTimeout(go, 3000)
})()
