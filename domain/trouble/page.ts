/** Why errors of one group occur, and what to do: the page and the API. */

export const title = 'The page and the API'

export const codes = {
  'port-taken': {
    why: 'Another process uses the port, or you may not use it.',
    remedy: 'Choose another with `--port`, or leave it out for the first free one.',
  },
  'api-request': {
    why: 'A part of the path or query has the wrong form.',
    remedy: 'Correct the field that the error names. `/docs` describes each route.',
  },
  'api-unknown': {
    why: 'The API has no such path, or the path takes other methods.',
    remedy: 'See `/docs` for all routes.',
  },
  'api-body': {
    why: 'The body is not JSON, does not fit the route, or is too large.',
    remedy: 'Send `content-type: application/json` and the fields that `/docs` lists.',
  },
  'api-token': {
    why: 'azr serves beyond this machine, so each request needs a token.',
    remedy: 'Send the token that azr printed: `authorization: Bearer TOKEN`.',
  },
  'api-forbidden': {
    why: 'The request names another host, or comes from a page of another site.',
    remedy: 'Ask for `localhost`, or start azr with `--public-url` or `--allow-host`.',
  },
  'api-busy': {
    why: 'Too many readers follow the stream of events.',
    remedy: 'Close some pages, then reload.',
  },
}
