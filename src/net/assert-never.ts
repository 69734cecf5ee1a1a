/** Closes a `switch` over a union: a new member that is not handled is a type error. */
export function assertNever(value: never): never {
  throw new Error(`unhandled case: ${JSON.stringify(value)}`);
}
