// Links and windows.

// Handlers of the page that come later may still prevent the click: they are asked before anything is done.
function follow(event) {
  const found = find(held(this, 'href') ?? '');
  if (!found || event.defaultPrevented || event.button > 1) return;
  event.preventDefault();
  let prevented = false;
  Object.defineProperties(event, {
    defaultPrevented: { get: () => prevented },
    preventDefault: { value: () => { prevented = true; } },
  });
  const aside = event.button === 1 || event.ctrlKey || event.metaKey || event.shiftKey;
  setTimeout(async () => {
    if (prevented) return;
    const link = document.createElement('a');
    for (const name of ['target', 'download', 'rel', 'referrerpolicy']) {
      if (hasAttribute.call(this, name)) setAttribute.call(link, name, getAttribute.call(this, name));
    }
    if (aside) link.target = '_blank';
    link.href = await orBare(found);
    link.click();
  });
}

patch(window, 'open', (native) => function open(url = '', target = '_blank', features = '') {
  const found = find(url);
  if (!found) return native.apply(this, arguments);
  const alone = /\bno(opener|referrer)\b/.test(features);
  const opened = alone ? null : native.call(this, '', target, features);
  orBare(found).then((url) => {
    if (alone) native.call(window, url, target, features);
    // Of a window that another site is in, nothing else may be touched.
    else if (opened) opened.location = url;
  });
  return opened;
});

// location.href = … and the like, in browsers that tell. A form that is posted comes here when the window was not told of it.
window.navigation?.addEventListener('navigate', (event) => {
  const found = event.cancelable && find(event.destination.url);
  if (!found) return;
  event.preventDefault();
  if (event.formData) {
    const entries = [...event.formData];
    const enctype = entries.some(([, value]) => typeof value !== 'string') ? 'multipart/form-data' : '';
    send({ found, method: 'post', target: '', enctype, entries });
  } else {
    orBare(found).then((url) => location[event.navigationType === 'replace' ? 'replace' : 'assign'](url));
  }
});
