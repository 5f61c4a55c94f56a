/** One end of a channel that all threads of this process share by its name. */
export interface Channel<Out> {
  send(message: Out): void;
  close(): void;
}

/** Opens a channel; by itself it does not keep a thread alive. */
export const openChannel = <In, Out>(name: string, hear: (message: In) => unknown): Channel<Out> => {
  const channel = new BroadcastChannel(name);
  channel.onmessage = (message) => hear((message as unknown as { readonly data: In }).data);
  channel.unref();
  return { send: (message) => channel.postMessage(message), close: () => channel.close() };
};
