// What stands where a verdict will be, as long as there is none.

export function pending(what, { busy, live, recorded }, quiet) {
  if (recorded) return `The ${what} comes at the end of the recording.`;
  if (busy && live) return `They are training. The ${what} comes when they are done.`;
  return live ? quiet : `There is no ${what}: nothing trains here now.`;
}
