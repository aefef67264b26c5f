// WebSocket and EventSource: objects of the native class, backed by our own implementation.

const inner = new WeakMap();

function stand(Native, Inner, purpose) {
  for (const [name, native] of Object.entries(Object.getOwnPropertyDescriptors(Native.prototype))) {
    if (native.get) {
      patchProperty(Native.prototype, name, {
        get(get) { return inner.has(this) ? inner.get(this)[name] : get.call(this); },
        set(value, set) { if (inner.has(this)) inner.get(this)[name] = value; else set.call(this, value); },
      });
    } else if (name !== 'constructor') {
      patch(Native.prototype, name, (method) => function forward(...args) {
        return inner.has(this) ? inner.get(this)[name](...args) : method.apply(this, args);
      });
    }
  }
  window[Native.name] = new Proxy(Native, {
    construct(target, args, newTarget) {
      const found = find(args[0] ?? '', purpose);
      if (!found) return Reflect.construct(target, args, newTarget);
      const outer = Reflect.construct(EventTarget, [], newTarget);
      inner.set(outer, new Inner(outer, found, ...args));
      return outer;
    },
  });
  Native.prototype.constructor = window[Native.name];
}

class Behind {
  constructor(outer, url, events) {
    this.outer = outer;
    this.url = url;
    this.readyState = 0;
    for (const type of events) this.#handler(type);
  }

  // `onopen` and the like keep the position in the call order at which they were first set.
  #handler(type) {
    let handler = null;
    let listening = false;
    Object.defineProperty(this, `on${type}`, {
      get: () => handler,
      set: (value) => {
        handler = typeof value === 'function' ? value : null;
        if (!listening) this.outer.addEventListener(type, (event) => handler?.call(this.outer, event));
        listening = true;
      },
    });
  }

  tell(event) {
    this.outer.dispatchEvent(event);
  }
}
