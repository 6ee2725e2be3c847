/** Every status that a request may fail with, and what it means. */
export const FAILURES: Readonly<Record<number, string>> = {
  400: 'The request is not valid; the sentence says what to change.',
  401: 'No API key, or one that is not valid.',
  402: 'A budget of tokens or money is used up; the sentence says which, and when it starts anew.',
  403: 'The API key lacks the scope, a limit is reached, or the tenant is suspended.',
  404: 'There is no such thing here.',
  409: 'Not possible in the present state.',
  413: 'Too large.',
  415: 'Not JSON.',
  416: 'No such range.',
  429: 'Too many requests; see Retry-After.',
  500: 'Something broke on our side.',
  502: 'The model provider refused.',
  503: 'Something needed is away for the moment; see Retry-After.',
}
