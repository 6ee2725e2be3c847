import { isUtf8 } from 'node:buffer'
import type { FastifyInstance } from 'fastify'
import { RequestError } from './request-error.ts'

/** The only bodies beside forms are JSON, and JSON is UTF-8: what is not would be kept with other letters than were meant. */
export function takeJsonBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeContentTypeParser(['application/json', 'text/plain'])
  app.addContentTypeParser<Buffer>(
    'application/json',
    { parseAs: 'buffer' },
    (request, body, done) => {
      if (isUtf8(body)) void parse(request, body.toString(), done)
      else
        done(new RequestError('invalid_json', 'The request body is not UTF-8, as JSON has to be.'))
    },
  )
}
