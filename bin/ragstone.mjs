#!/usr/bin/env node
// The command line from a clone: brings what is missing, then runs under Node 24.
process.argv.splice(2, 0, 'run')
await import('../scripts/bootstrap.mjs')
