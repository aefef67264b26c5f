// The first lines of an application's service worker: what is below these paths is no page of the application, so its worker must not
// answer with one. README.md says how nginx puts them there. (It must be the first listener: none after it sees the request.)

self.addEventListener('fetch', (event) => {
  const { pathname } = new URL(event.request.url);
  if (event.request.mode === 'navigate' && /^\/(auth-gate|api)\//.test(pathname)) event.stopImmediatePropagation();
});

