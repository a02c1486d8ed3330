(function () {
  var K = [
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2
  ]
  var START = [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19]
  var ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

  function turn(word, by) {
    return (word >>> by) | (word << (32 - by))
  }

  // One block of SHA-256 (FIPS 180-4 section 6.2.2) onto the eight words of the hash.
  function block(hash, words) {
    var w = words.slice(), v = hash.slice(), i, x, y, one, two
    for (i = 16; i < 64; i += 1) {
      x = w[i - 15]
      y = w[i - 2]
      x = turn(x, 7) ^ turn(x, 18) ^ (x >>> 3)
      y = turn(y, 17) ^ turn(y, 19) ^ (y >>> 10)
      w[i] = (w[i - 16] + x + w[i - 7] + y) | 0
    }
    for (i = 0; i < 64; i += 1) {
      x = v[4]
      one = turn(x, 6) ^ turn(x, 11) ^ turn(x, 25)
      one = (v[7] + one + ((x & v[5]) ^ (~x & v[6])) + K[i] + w[i]) | 0
      x = v[0]
      two = turn(x, 2) ^ turn(x, 13) ^ turn(x, 22)
      two = (two + ((x & v[1]) ^ (x & v[2]) ^ (v[1] & v[2]))) | 0
      v = [(one + two) | 0, v[0], v[1], v[2], (v[3] + one) | 0, v[4], v[5], v[6]]
    }
    for (i = 0; i < 8; i += 1) hash[i] = (hash[i] + v[i]) | 0
  }

  // SHA-256 of ASCII text, as base64url without padding.
  function digest(text) {
    var words = [], length = text.length, blocks = ((length + 8) >> 6) + 1, hash = START.slice(), out = '', i, bits
    for (i = 0; i < blocks * 16; i += 1) words[i] = 0
    for (i = 0; i < length; i += 1) words[i >> 2] |= text.charCodeAt(i) << (24 - (i % 4) * 8)
    words[length >> 2] |= 0x80 << (24 - (length % 4) * 8)
    words[blocks * 16 - 1] = length * 8
    for (i = 0; i < blocks; i += 1) block(hash, words.slice(i * 16, i * 16 + 16))
    function octet(at) {
      return at < 32 ? (hash[at >> 2] >>> (24 - (at % 4) * 8)) & 255 : 0
    }
    for (i = 0; i < 43; i += 1) {
      bits = i * 6
      out += ALPHABET.charAt((((octet(bits >> 3) << 8) | octet((bits >> 3) + 1)) >> (10 - (bits % 8))) & 63)
    }
    return out
  }

  // What stands for the session in this browser; empty where there is nothing. A name that comes twice is not believed.
  function state() {
    var name = (location.protocol === 'https:' ? '__Secure-' : '') + 'chancery-state='
    var own = document.cookie.split('; ').filter(function (pair) { return pair.indexOf(name) === 0 })
    return own.length === 1 ? own[0].slice(name.length) : ''
  }

  function answer(asked, origin) {
    var parts = typeof asked === 'string' ? /^([\x21-\x7e]+) ([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)$/.exec(asked) : null
    if (!parts || asked.length > 1024) return 'error'
    var own = state()
    if (!own && !navigator.cookieEnabled) return 'error'
    return digest(parts[1] + ' ' + origin + ' ' + own + ' ' + parts[3]) === parts[2] ? 'unchanged' : 'changed'
  }

  addEventListener('message', function (event) {
    if (!event.source || event.source === window || !event.origin || event.origin === 'null') return
    event.source.postMessage(answer(event.data, event.origin), event.origin)
  })
})()
