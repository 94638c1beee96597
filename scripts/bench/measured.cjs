// A variant's handler in its process, which also reports what the process uses.
const { join } = require('node:path');

const { entrypoint } = require(join(process.env.VARIANT, 'dist/handlers.js'));

/** Answers `{ usage: true }` itself; everything else goes to the variant. */
exports.entrypoint = async (event, context) =>
  event.usage ? { rss: process.memoryUsage.rss(), cpu: process.cpuUsage() } : entrypoint(event, context);
