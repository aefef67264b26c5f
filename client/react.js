// <authed-img> for React. React is passed in, so this file has no dependency and works with every version that has hooks:
//
//   import * as React from 'react';
//   import { createAuthedImg } from 'nginx-auth-gate-client/react.js';
//   export const { AuthedImg, ImmichImg } = createAuthedImg(React);

import './authed-img.js';

const ASSETS = '/api/integrations/immich/assets';

export function createAuthedImg(React) {
  const { createElement, forwardRef, useCallback, useEffect, useRef } = React;

  // Up to version 18, React does not listen for events of custom elements, and needs `class` instead of `className` for them.
  const AuthedImg = forwardRef(({ onLoad, onError, className, alt = '', ...others }, forwarded) => {
    const element = useRef(null);
    const remember = useCallback((node) => {
      element.current = node;
      if (typeof forwarded === 'function') forwarded(node);
      else if (forwarded) forwarded.current = node;
    }, [forwarded]);
    useListener(element, 'load', onLoad);
    useListener(element, 'error', onError);
    return createElement('authed-img', { ...others, alt, class: className, ref: remember });
  });
  AuthedImg.displayName = 'AuthedImg';

  function useListener(element, type, listener) {
    useEffect(() => {
      const node = element.current;
      if (!node || !listener) return undefined;
      node.addEventListener(type, listener);
      return () => node.removeEventListener(type, listener);
    }, [element, type, listener]);
  }

  // A picture from an Immich server behind the application. `size` is "thumbnail" or "original".
  const ImmichImg = forwardRef(({ assetId, size = 'thumbnail', ...others }, forwarded) => (
    createElement(AuthedImg, {
      ...others, src: `${ASSETS}/${encodeURIComponent(assetId)}/${size}`, purpose: 'immich', ref: forwarded,
    })
  ));
  ImmichImg.displayName = 'ImmichImg';

  return { AuthedImg, ImmichImg };
}
