// The pages: the planner, and the settings pages from the gate's client.

import express from 'express';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const directory = (path) => fileURLToPath(new URL(path, import.meta.url));
const PUBLIC_DIR = directory('../../public');
const CLIENT_DIR = directory('../../../client');

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "connect-src 'self'",
  "base-uri 'self'", "form-action 'none'", "frame-ancestors 'none'",
].join('; ');

export function pageRoutes() {
  const router = express.Router();
  router.use((req, res, next) => {
    res.set({ 'Content-Security-Policy': CONTENT_SECURITY_POLICY, 'Referrer-Policy': 'no-referrer' });
    next();
  });
  router.use(express.static(PUBLIC_DIR));
  // The planner's own URLs all serve the same document; its script looks at the path.
  router.get('/login', (req, res) => res.sendFile('index.html', { root: PUBLIC_DIR }));
  for (const name of ['settings', 'admin']) {
    const page = settingsPage(`${name}.html`);
    router.get([`/${name}`, `/auth-gate/ui/${name}.html`], (req, res) => res.type('html').send(page));
  }
  router.use('/auth-gate', express.static(CLIENT_DIR));
  return router;
}

// The page as shipped, but with this application's session storage and the URLs of the page's scripts and styles.
function settingsPage(file) {
  return readFileSync(`${CLIENT_DIR}/ui/${file}`, 'utf8')
    .replace('<head>', '<head>\n  <base href="/auth-gate/ui/">')
    .replace('name="auth-gate-jwt" content="cookie"', 'name="auth-gate-jwt" content="sessionStorage:session"')
    .replaceAll('href="settings.html"', 'href="/settings"')
    .replaceAll('href="admin.html"', 'href="/admin"');
}
