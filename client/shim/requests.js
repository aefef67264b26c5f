// Requests that can carry a header.

const bearer = (jwt) => `Bearer ${jwt}`;

patch(window, 'fetch', (native) => function fetch(input, init) {
  const found = find(input instanceof Request ? input.url : input);
  if (found) return withHeader(found, input, init);
  const answer = native.apply(this, arguments);
  const headers = init?.headers ?? (input instanceof Request ? input.headers : []);
  return answer.then((response) => {
    noteResponse(response, headers);
    return response;
  });
});

async function withHeader({ url, jwt }, input, init) {
  const options = { ...(input instanceof Request && await membersOf(input)), ...init };
  options.headers = new Headers(options.headers);
  if (!options.headers.has('Authorization')) options.headers.set('Authorization', bearer(jwt));
  // The browser drops the header without CORS.
  if (options.mode === 'no-cors') options.mode = 'same-origin';
  return ask(url, options);
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
  ask(found.url, { method: 'POST', body, headers, keepalive: true }).catch(() => {});
  return true;
});

// For each XMLHttpRequest: the JWT for its header, unless the page sets that header itself, and the headers that it has.
const requests = new WeakMap();
patch(XMLHttpRequest.prototype, 'open', (native) => function open(method, url, ...others) {
  const found = find(url);
  if (!requests.has(this)) {
    addEventListener.call(this, 'load', () => {
      const { headers } = requests.get(this);
      noteRequest(this, headers).catch(() => {});
    });
  }
  requests.set(this, { jwt: found?.jwt, headers: new Headers() });
  // The number of arguments matters: `async` must be omitted, not undefined.
  return native.call(this, method, found ? found.url : url, ...others);
});
patch(XMLHttpRequest.prototype, 'setRequestHeader', (native) => function setRequestHeader(name, value) {
  native.apply(this, arguments);
  const own = requests.get(this);
  if (!own) return;
  own.headers.append(name, value);
  if (lower(name) === 'authorization') own.jwt = null;
});
patch(XMLHttpRequest.prototype, 'send', (native) => function send() {
  const jwt = requests.get(this)?.jwt;
  if (jwt) this.setRequestHeader('Authorization', bearer(jwt));
  return native.apply(this, arguments);
});
