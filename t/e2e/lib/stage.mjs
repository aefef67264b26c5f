// The browser and the site, and operations of the suites on both.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { DESKTOP, launch, picture } from './browser.mjs';
import { watch, watchPage } from './watch.mjs';

export class Stage {
  #browser;

  // site: {url, provider, reloadCommand, pages, logs}
  static async open(site) {
    const stage = Object.assign(new Stage(), site);
    stage.#browser = await launch();
    return stage;
  }

  close() {
    return this.#browser.close();
  }

  // Runs `action({page, context, seen})` in a new browser context.
  async visit(options, action) {
    const context = await this.#browser.newContext({ baseURL: this.url, viewport: DESKTOP, acceptDownloads: true, ...options });
    context.setDefaultTimeout(15_000);
    const seen = watch(context);
    try {
      const page = await context.newPage();
      await watchPage(page, seen);
      await action({ page, context, seen });
    } catch (error) {
      for (const [i, page] of context.pages().entries()) await this.picture(page, `failed-${i}`).catch(() => {});
      throw error;
    } finally {
      await context.close();
    }
  }

  // Saves a screenshot of the whole page, scrolled to the top.
  async picture(page, name) {
    await page.evaluate(() => window.scrollTo(0, 0));
    await page.waitForLoadState('networkidle');
    return picture(page, name);
  }

  async signIn(name) {
    const { token } = await this.json('POST', '/api/auth/login', { email: `${name}@example.test`, password: `${name}-password` });
    return token;
  }

  async json(method, path, body, jwt) {
    const response = await fetch(this.url + path, {
      method,
      headers: { 'Content-Type': 'application/json', ...(jwt && { Authorization: `Bearer ${jwt}` }) },
      body: body && JSON.stringify(body),
    });
    return response.json();
  }

  async reload() {
    const reload = spawn('sh', ['-c', this.reloadCommand], { stdio: ['ignore', 'ignore', 'inherit'] });
    const [status] = await once(reload, 'exit');
    if (status !== 0) throw new Error('nginx did not reload');
  }
}
