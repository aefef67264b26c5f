// Requests that can carry a header.

const bearer = (jwt) => `Bearer ${jwt}`;

patch(window, 'fetch', (native) => function fetch(input, init) {
  const found = find(input instanceof Request ? input.url : input);
  return found ? withHeader(native, found, input, init) : native.apply(this, arguments);
});

async function withHeader(native, { url, jwt }, input, init) {
  const options = { ...(input instanceof Request && await membersOf(input)), ...init };
  options.headers = new Headers(options.headers);
  if (!options.headers.has('Authorization')) options.headers.set('Authorization', bearer(jwt));
  // The browser drops the header without CORS.
  if (options.mode === 'no-cors') options.mode = 'same-origin';
  return native.call(window, url, options);
}

// The options for a copy of this request. (A Request made from another would send its body as a stream, which HTTP/1.1 cannot.)
async function membersOf(request) {
  const names = ['method', 'headers', 'mode', 'credentials', 'cache', 'redirect', 'referrer', 'referrerPolicy', 'integrity', 'keepalive', 'signal'];
  const body = await request.blob();
  return { ...Object.fromEntries(names.map((name) => [name, request[name]])), ...(body.size > 0 && { body }) };
}

patch(Navigator.prototype, 'sendBeacon', (native) => function sendBeacon(url, body) {
  const found = find(url);
  if (!found) return native.apply(this, arguments);
  const headers = { Authorization: bearer(found.jwt) };
  natives.fetch.call(window, found.url, { method: 'POST', body, headers, keepalive: true }).catch(() => {});
  return true;
});

const requests = new WeakMap();
patch(XMLHttpRequest.prototype, 'open', (native) => function open(method, url, ...others) {
  const found = find(url);
  requests.set(this, found?.jwt);
  // The number of arguments matters: `async` must be omitted, not undefined.
  return native.call(this, method, found ? found.url : url, ...others);
});
patch(XMLHttpRequest.prototype, 'setRequestHeader', (native) => function setRequestHeader(name) {
  if (lower(name) === 'authorization') requests.delete(this);
  return native.apply(this, arguments);
});
patch(XMLHttpRequest.prototype, 'send', (native) => function send() {
  if (requests.get(this)) this.setRequestHeader('Authorization', bearer(requests.get(this)));
  return native.apply(this, arguments);
});
