module.exports = () => ({ 'users-permissions': { config: { jwt: { expiresIn: '7d' } } } });
