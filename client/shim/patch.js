// Replaces the browser's own methods.

// patch(owner, name, make): replaces a method with make(native method).
function patch(owner, name, make) {
  const native = owner?.[name];
  if (typeof native === 'function') {
    Object.defineProperty(owner, name, { ...Object.getOwnPropertyDescriptor(owner, name), value: make(native) });
  }
}

function patchProperty(owner, name, { get, set }) {
  const native = owner && Object.getOwnPropertyDescriptor(owner, name);
  if (!native?.get) return;
  Object.defineProperty(owner, name, {
    ...native,
    ...(get && { get() { return get.call(this, native.get); } }),
    ...(set && native.set && { set(value) { set.call(this, value, native.set); } }),
  });
}

const lower = (name) => String(name).toLowerCase();
