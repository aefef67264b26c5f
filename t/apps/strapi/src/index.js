// What a person would set up in the admin panel: what users may do, a role of administrators, and two people.

const GRANTS = ['api::note.note.find', 'plugin::users-permissions.user.me', 'plugin::users-permissions.role.find', 'plugin::upload.content-api.upload'];

module.exports = {
  async bootstrap({ strapi }) {
    const roles = strapi.db.query('plugin::users-permissions.role');
    const users = await roles.findOne({ where: { type: 'authenticated' } });
    const managers = await roles.create({ data: { name: 'Manager', type: 'manager', description: 'may switch the policy' } });
    for (const role of [users, managers]) {
      for (const action of GRANTS) {
        const known = await strapi.db.query('plugin::users-permissions.permission').findOne({ where: { action, role: role.id } });
        if (!known) await strapi.db.query('plugin::users-permissions.permission').create({ data: { action, role: role.id } });
      }
    }
    const people = strapi.plugin('users-permissions').service('user');
    for (const [name, role] of [['alice', users], ['admin', managers]]) {
      await people.add({ username: name, email: `${name}@example.test`, password: process.env[`PASSWORD_OF_${name.toUpperCase()}`],
        provider: 'local', confirmed: true, mfa_enabled: name === 'admin', role: role.id });
    }
    await strapi.documents('api::note.note').create({ data: { title: 'for everybody with a session' } });
  },
};
