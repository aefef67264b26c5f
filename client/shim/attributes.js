// All the ways in which a page can set attributes.

patch(Element.prototype, 'setAttribute', (native) => function setAttribute(name, value) {
  if (!watched(this, lower(name)) || !hold(this, lower(name), String(value))) native.apply(this, arguments);
});
patch(Element.prototype, 'setAttributeNS', (native) => function setAttributeNS(space, name, value) {
  const local = lower(name).replace(/^xlink:/, '');
  if (!watched(this, local) || !hold(this, local, String(value))) native.apply(this, arguments);
});
patch(Element.prototype, 'getAttribute', (native) => function getAttribute(name) {
  return (watched(this, lower(name)) ? held(this, lower(name)) : null) ?? native.apply(this, arguments);
});
patch(Element.prototype, 'hasAttribute', (native) => function hasAttribute(name) {
  return (watched(this, lower(name)) && held(this, lower(name)) !== null) || native.apply(this, arguments);
});
patch(Element.prototype, 'removeAttribute', (native) => function removeAttribute(name) {
  if (watched(this, lower(name))) hold(this, lower(name), '');
  native.apply(this, arguments);
});

const INTERFACES = {
  src: [
    HTMLImageElement, HTMLSourceElement, HTMLMediaElement, HTMLTrackElement, HTMLInputElement, HTMLIFrameElement, HTMLEmbedElement, HTMLScriptElement,
  ],
  srcset: [HTMLImageElement, HTMLSourceElement],
  poster: [HTMLVideoElement],
  data: [HTMLObjectElement],
  href: [HTMLAnchorElement, HTMLAreaElement, HTMLLinkElement],
};
for (const [attribute, owners] of Object.entries(INTERFACES)) {
  for (const { prototype } of owners) {
    patchProperty(prototype, attribute, {
      get(native) {
        const given = held(this, attribute);
        if (given === null) return native.call(this);
        return attribute === 'srcset' ? given : parsed(given).href;
      },
      set(value, native) {
        if (!hold(this, attribute, String(value))) native.call(this, value);
      },
    });
  }
}

// A link's query can be set on its own.
for (const owner of [HTMLAnchorElement, HTMLAreaElement]) {
  patchProperty(owner.prototype, 'search', {
    set(value, native) {
      native.call(this, value);
      settle(this);
    },
  });
}

// The constructor sets the attribute without calling any of the above.
window.Audio = new Proxy(window.Audio, {
  construct(target, [url], newTarget) {
    const audio = Reflect.construct(target, [], newTarget);
    if (url !== undefined) audio.src = url;
    return audio;
  },
});

// A picture that is waiting for its token is not complete and cannot be decoded yet.
const waiting = (image) => states.get(image)?.src?.ready;
patchProperty(HTMLImageElement.prototype, 'complete', { get(native) { return !waiting(this) && native.call(this); } });
patch(HTMLImageElement.prototype, 'decode', (native) => async function decode() {
  await waiting(this);
  return native.call(this);
});
