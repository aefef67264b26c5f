'use strict';
for (const name of ['core', 'routing', 'strategies', 'precaching']) importScripts(`/workbox/workbox-${name}/build/workbox-${name}.prod.js`);
const { core, routing, strategies, precaching } = self.workbox;

self.skipWaiting();
core.clientsClaim();
precaching.precacheAndRoute([{ url: '/pwa/index.html', revision: '1' }]);
routing.registerRoute(new routing.NavigationRoute(precaching.createHandlerBoundToURL('/pwa/index.html')));
routing.registerRoute(({ url }) => url.pathname.startsWith('/api/'), new strategies.NetworkFirst());
