module.exports = ({ env }) => ({
  host: '127.0.0.1',
  port: env.int('PORT'),
  app: { keys: [env('APP_KEY')] },
  dirs: { public: env('PUBLIC_DIR') },
});
