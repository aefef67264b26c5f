// The administrator's settings. Every value is a string, as in a database table of names and values.

const RULES = {
  app_name: (value) => value.trim().length > 0 && value.length <= 60,
  allow_registration: (value) => value === 'true' || value === 'false',
};

export class Settings {
  #values = { app_name: 'Wayfarer', allow_registration: 'false' };

  all() {
    return { ...this.#values };
  }

  get(name) {
    return this.#values[name];
  }

  // All or nothing: returns the error in the changes, or null after applying them.
  update(changes) {
    for (const [name, value] of Object.entries(changes)) {
      if (!Object.hasOwn(RULES, name)) return `Unknown setting: ${name}`;
      if (typeof value !== 'string' || !RULES[name](value)) return `Invalid value for ${name}`;
    }
    Object.assign(this.#values, changes);
    return null;
  }
}
