// Small things for building the page. Text is only ever set as text, so nothing that anybody wrote becomes markup.

export const byId = (id) => document.getElementById(id);

export function element(name, properties = {}, ...children) {
  const node = Object.assign(document.createElement(name), properties);
  node.append(...children);
  return node;
}

export function button(text, onClick, className = '') {
  const node = element('button', { type: 'button', textContent: text, className });
  node.addEventListener('click', () => whileBusy(node, onClick));
  return node;
}

export function onSubmit(form, action) {
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    whileBusy(form.querySelector('button'), action);
  });
}

export function showNotice(message) {
  const notice = byId('notice');
  notice.textContent = message ?? '';
  notice.hidden = !message;
}

// Runs an action that somebody asked for; what goes wrong is told at the top of the page.
export async function attempt(action) {
  try {
    await action();
  } catch (error) {
    document.dispatchEvent(new CustomEvent('failure', { detail: error }));
  }
}

async function whileBusy(node, action) {
  node.disabled = true;
  showNotice(null);
  await attempt(action);
  node.disabled = false;
}
