// Puts a token into a URL without touching the rest of it.

// Returns `url` with `token=` as its last parameter, before the fragment. An existing `token` is replaced: the gate refuses two.
export function withToken(url, token) {
  const [, address, query, fragment] = /^([^?#]*)(?:\?([^#]*))?(#.*)?$/s.exec(url);
  const kept = (query ?? '').split('&').filter((pair) => pair && nameOf(pair) !== 'token');
  return `${address}?${[...kept, `token=${token}`].join('&')}${fragment ?? ''}`;
}

function nameOf(pair) {
  const name = pair.split('=', 1)[0].replaceAll('+', ' ');
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
