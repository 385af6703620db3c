// For `node --import`: every request of the program carries the authorization of the environment, and comes on a
// connection of its own, which may land on another replica each time.
import { Agent, setGlobalDispatcher } from 'undici';

const authorization = process.env.MCP_CONFORMANCE_AUTHORIZATION;

const authorized = headers =>
  Array.isArray(headers)
    ? [...headers, 'authorization', authorization]
    : { ...headers, authorization };

setGlobalDispatcher(
  new Agent({ pipelining: 0 }).compose(
    dispatch => (options, handler) =>
      dispatch({ ...options, headers: authorized(options.headers) }, handler),
  ),
);
