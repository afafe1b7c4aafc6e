/** Whether a host, by address or name and without a port, is this machine as only itself reaches it. */
export const isLoopback = (host: string) =>
  /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/.test(host.toLowerCase())
