// For applications whose pages still put the session's JWT into URLs (`?token=<JWT>`): keeps it from leaving the browser there.
//
// First script of the page: <script src="/auth-gate-shim.js"></script>. Pictures, media, frames, links, forms and WebSockets get a
// single-use token in place of the JWT; fetch, XMLHttpRequest, sendBeacon and EventSource send the JWT in a header. README.md tells
// the nginx configuration, and what no script can catch. Attributes of the script element, with their defaults:
//   data-ws-token="/api/auth/ws-token"   data-resource-token="/api/auth/resource-token"
//   data-purposes="immich:/api/integrations/immich/* download:/api/*"   which URLs, and for which purpose; the first that fits
//
// Made of the parts in shim/ by shim/build.mjs: change those.
(() => {
'use strict';

const LOADED = Symbol.for('auth-gate-shim');
if (window[LOADED]) return;
window[LOADED] = true;

// The parts.
})();
