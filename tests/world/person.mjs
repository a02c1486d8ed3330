// Debian's Chromium, driven by npm playwright-core, and the person before it.

import { chromium } from 'playwright-core'
import { task } from './task.mjs'

/** Opens the browser. What a page was not let do by its policy stands in `refused`; `close` ends it. */
export async function openBrowser(complaint = /content security policy/i) {
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
  const context = await browser.newContext()
  const refused = []
  context.on('console', (message) => {
    if (message.type() === 'error' && complaint.test(message.text())) refused.push(message.text())
  })
  return { context, page: await context.newPage(), refused, close: () => browser.close() }
}

/** Types the name and a password, the right one unless another is given. */
export async function logIn(page, password = task.user.password) {
  await page.waitForSelector('#login-submit')
  await page.fill('input[name=username]', task.user.username)
  await page.fill('input[name=password]', password)
  await page.click('#login-submit')
}

/** Allows what is asked, if anything is: what is allowed once is not asked again. */
export async function allowUntil(page, arrival) {
  await Promise.race([arrival(), page.waitForSelector('#consent-allow')])
  if (await page.$('#consent-allow')) await page.click('#consent-allow')
  await arrival()
}
