// Whether a person has set MFA up. Registration does not take it, and people cannot change their own records by default.
module.exports = (plugin) => {
  plugin.contentTypes.user.schema.attributes.mfa_enabled = { type: 'boolean', default: false };
  return plugin;
};
