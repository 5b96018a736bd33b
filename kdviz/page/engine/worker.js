// The whole of a worker: a server behind the worker's messages.

import { makeServer } from "./server.js";

const answer = makeServer();

onmessage = async ({ data: { id, ...message } }) => postMessage({ id, ...(await answer(message)) });
