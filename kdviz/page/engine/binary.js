// The compiled kernels, in the page once: threads are sent them.

import wasm from "./kernels.wasm" with { type: "bytes" };

export { wasm };
