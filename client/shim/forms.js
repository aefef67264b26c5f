// Forms: a posted form has the JWT in its URL, any other form has it in a field.

// Returns what a form would send, {found, method, target, enctype, entries}, or null if it has no JWT for the gate.
function sending(form, submitter) {
  const given = (name) => (submitter && getAttribute.call(submitter, `form${name}`)) ?? getAttribute.call(form, name) ?? '';
  const method = lower(given('method'));
  const action = parsed(given('action') || location.href);
  if (!action) return null;
  const isPost = method === 'post';
  const mayHave = isPost ? find(action) : method !== 'dialog' && [...form.elements].some(({ value }) => String(value).includes(MARK));
  if (!mayHave) return null;
  const entries = [...new FormData(form, submitter)];
  if (!isPost) action.search = new URLSearchParams(entries.map(([name, value]) => [name, value.name ?? value]));
  const found = find(action);
  return found && { found, method, target: given('target'), enctype: given('enctype'), entries };
}

// Submits a form of our own: the page's form may change while the token is fetched, and its handlers have already run.
async function send({ found, method, target, enctype, entries }) {
  const isPost = method === 'post';
  const url = new URL(await orBare(found, isPost ? 'POST' : 'GET'));
  const form = document.createElement('form');
  for (const [name, value] of isPost ? entries : url.searchParams) form.append(field(name, value));
  for (const [name, value] of Object.entries({ method, target, enctype, action: url.href })) setAttribute.call(form, name, value);
  form.hidden = true;
  document.documentElement.append(form);
  natives.submit.call(form);
  form.remove();
}

function field(name, value) {
  const input = Object.assign(document.createElement('input'), { type: 'hidden', name });
  if (typeof value === 'string') {
    input.value = value;
  } else {
    const files = new DataTransfer();
    if (value.name) files.items.add(value);
    Object.assign(input, { type: 'file', files: files.files });
  }
  return input;
}

// On the window, because all other handlers have run by then.
window.addEventListener('submit', (event) => {
  const what = !event.defaultPrevented && sending(event.target, event.submitter);
  if (!what) return;
  event.preventDefault();
  send(what);
});
patch(HTMLFormElement.prototype, 'submit', (native) => function submit() {
  const what = sending(this, null);
  if (what) send(what);
  else native.call(this);
});
