// A WebSocket that fetches a token for its URL before it connects.

const CLOSING = 2;
const CLOSED = 3;

class HeldSocket extends Behind {
  #real = null;
  #binaryType = 'blob';

  constructor(outer, found, url, protocols = []) {
    const address = parsed(url);
    address.protocol = address.protocol.replace(/^http/, 'ws');
    super(outer, address.href, ['open', 'message', 'error', 'close']);
    const list = [protocols].flat().map(String);
    if (new Set(list).size < list.length || list.some((name) => !/^[!#-'*+\-.0-9A-Z^-z|~]+$/.test(name))) {
      throw new DOMException('The subprotocols are invalid.', 'SyntaxError');
    }
    this.#connect(found, list);
  }

  async #connect(found, protocols) {
    let address;
    try {
      address = new URL(await withToken(found));
    } catch ({ status, code }) {
      if (this.readyState === CLOSING) return this.#closed(1006, '');
      if (status === 401) return this.#closed(4001, 'Invalid or expired token');
      return status === 403 && code === 'MFA_REQUIRED' ? this.#closed(4403, 'MFA required') : this.#closed(1006, '');
    }
    if (this.readyState === CLOSING) return this.#closed(1006, '');
    address.protocol = address.protocol.replace(/^http/, 'ws');
    address.hash = '';
    const real = this.#real = new natives.WebSocket(address.href, protocols);
    real.binaryType = this.#binaryType;
    this.#follow('open', () => new Event('open'));
    this.#follow('error', () => new Event('error'));
    this.#follow('message', ({ data, origin }) => new MessageEvent('message', { data, origin }));
    this.#follow('close', ({ code, reason, wasClean }) => {
      if (code === 4403) refused('MFA_REQUIRED', { Authorization: bearer(found.jwt) });
      return new CloseEvent('close', { code, reason, wasClean });
    });
    return undefined;
  }

  #follow(type, copy) {
    this.#real.addEventListener(type, (event) => {
      this.readyState = this.#real.readyState;
      this.tell(copy(event));
    });
  }

  #closed(code, reason) {
    this.readyState = CLOSED;
    if (code === 1006) this.tell(new Event('error'));
    this.tell(new CloseEvent('close', { code, reason, wasClean: code !== 1006 }));
  }

  get binaryType() { return this.#binaryType; }

  set binaryType(value) {
    if (value !== 'blob' && value !== 'arraybuffer') return;
    this.#binaryType = value;
    if (this.#real) this.#real.binaryType = value;
  }

  get bufferedAmount() { return this.#real?.bufferedAmount ?? 0; }

  get protocol() { return this.#real?.protocol ?? ''; }

  get extensions() { return this.#real?.extensions ?? ''; }

  send(data) {
    if (this.#real) return this.#real.send(data);
    if (this.readyState === 0) throw new DOMException('Still in CONNECTING state.', 'InvalidStateError');
    return undefined;
  }

  close(code, reason = '') {
    if (this.#real) {
      this.#real.close(...(code === undefined ? [] : [code, reason]));
      this.readyState = this.#real.readyState;
      return;
    }
    if (code !== undefined && code !== 1000 && !(code >= 3000 && code <= 4999)) {
      throw new DOMException('The close code is invalid.', 'InvalidAccessError');
    }
    if (this.readyState === 0) this.readyState = CLOSING;
  }
}

stand(window.WebSocket, HeldSocket, 'ws');
