// Puts a token into a URL without touching the rest of it.

// Returns `url` with the token as its last parameter, before the fragment. One that it has is replaced: the gate refuses two.
export function withToken(url, token, name) {
  const [, address, query, fragment] = /^([^?#]*)(?:\?([^#]*))?(#.*)?$/s.exec(url);
  const kept = (query ?? '').split('&').filter((pair) => pair && nameOf(pair) !== name);
  return `${address}?${[...kept, `${name}=${token}`].join('&')}${fragment ?? ''}`;
}

function nameOf(pair) {
  const name = pair.split('=', 1)[0].replaceAll('+', ' ');
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
