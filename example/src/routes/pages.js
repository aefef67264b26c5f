// What a browser shows: the planner, and the settings pages that come with the gate's client.

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
  // The planner's own addresses: the same document, its script looks at the path.
  router.get('/login', (req, res) => res.sendFile('index.html', { root: PUBLIC_DIR }));
  for (const name of ['settings', 'admin']) {
    const page = settingsPage(`${name}.html`);
    router.get([`/${name}`, `/auth-gate/ui/${name}.html`], (req, res) => res.type('html').send(page));
  }
  router.use('/auth-gate', express.static(CLIENT_DIR));
  return router;
}

// As it comes, but told where this application keeps its session, and where the page's scripts and styles are.
function settingsPage(file) {
  return readFileSync(`${CLIENT_DIR}/ui/${file}`, 'utf8')
    .replace('<head>', '<head>\n  <base href="/auth-gate/ui/">')
    .replace('name="auth-gate-jwt" content="cookie"', 'name="auth-gate-jwt" content="sessionStorage:session"')
    .replaceAll('href="settings.html"', 'href="/settings"')
    .replaceAll('href="admin.html"', 'href="/admin"');
}
