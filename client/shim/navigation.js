// Links and windows.

// Page handlers that run later may still prevent the click, so let them run first.
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
    // Nothing else of a window that shows another site may be accessed.
    else if (opened) opened.location = url;
  });
  return opened;
});

// Handles `location.href = …` and the like in browsers with the Navigation API, and posted forms whose `submit` event did not
// reach the window.
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
