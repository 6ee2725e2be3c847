import { AppError } from '../core/errors.ts'

/** An id from a path or a body that names nothing the caller may see. */
export function notFound(what: string, id: string, param?: string): AppError {
  const message = `No ${what} with id '${id.slice(0, 100)}' was found.`
  return new AppError('resource_not_found', message, param === undefined ? {} : { param })
}
