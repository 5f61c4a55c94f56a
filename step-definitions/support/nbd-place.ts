/** The parts of an address `nbd+unix:///NAME?socket=PATH`, for clients that take no address. */
export const placeOf = (uri: string): { readonly socket: string; readonly name: string } => {
  const { pathname, searchParams } = new URL(uri);
  return { socket: searchParams.get("socket") ?? "", name: decodeURIComponent(pathname.slice(1)) };
};
