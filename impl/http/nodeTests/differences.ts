/** Tests of Node's that cannot pass over Serval's sockets, under the reason. */
const REASONS: Readonly<Record<string, string>> = {
  'It needs an address, an interface, a path, a file descriptor or a lookup where a service has a name.': `
test-net-autoselectfamily-commandline-option.js test-net-autoselectfamily-default.js test-net-autoselectfamily-ipv4first.js
test-net-autoselectfamily.js test-net-better-error-messages-listen-path.js test-net-better-error-messages-listen.js
test-net-better-error-messages-path.js test-net-better-error-messages-port-hostname.js test-net-blocklist.js
test-net-client-bind-twice.js test-net-connect-immediate-finish.js test-net-connect-options-fd.js test-net-connect-options-ipv6.js
test-net-connect-options-path.js test-net-connect-options-port.js test-net-dns-custom-lookup.js test-net-dns-error.js
test-net-dns-lookup.js test-net-listen-error.js test-net-listen-fd0.js test-net-listen-invalid-port.js test-net-listen-ipv6only.js
test-net-local-address-port.js test-net-localerror.js test-net-normalize-args.js test-net-options-lookup.js test-net-perf_hooks.js
test-net-pipe-connect-errors.js test-net-remote-address-port.js test-net-reuseport.js test-net-server-blocklist.js
test-net-server-listen-options.js test-net-server-listen-path.js test-net-socket-connect-invalid-autoselectfamily.js
test-net-socket-connect-invalid-autoselectfamilyattempttimeout.js test-net-socket-constructor.js test-net-socket-write-after-close.js
test-net-connect-no-arg.js test-https-agent-unref-socket.js test-https-autoselectfamily.js test-https-connect-address-family.js
test-https-localaddress.js test-https-unix-socket-self-signed.js
test-http-agent-timeout-option.js test-http-autoselectfamily.js test-http-client-abort-keep-alive-queued-unix-socket.js
test-http-client-abort-unix-socket.js test-http-client-pipe-end.js test-http-client-req-error-dont-double-fire.js
test-http-client-response-domain.js test-http-client-timeout-option-with-agent.js test-http-client-with-create-connection.js
test-http-correct-hostname.js test-http-agent-reuse-drained-socket-only.js`,
  'It reads or replaces what Node keeps under names with an underscore, or in its binding.': `
test-net-access-byteswritten.js test-net-after-close.js test-net-connect-keepalive.js test-net-connect-nodelay.js
test-net-end-close.js test-net-persistent-nodelay.js test-net-server-keepalive.js test-net-server-listen-handle.js
test-net-server-nodelay.js test-net-socket-connecting.js test-net-socket-setnodelay.js test-net-timeout-no-handle.js
test-http-client-immediate-error.js test-http-client-spurious-aborted.js test-http-client-timeout-on-connect.js`,
  'It passes a server or a socket to another process.': `
test-net-child-process-connect-reset.js test-net-listen-exclusive-random-ports.js test-net-listen-handle-in-cluster-1.js
test-net-server-close-before-ipc-response.js test-http-chunk-problem.js`,
  'It compares the text of an error.': `
test-net-connect-options-invalid.js test-net-connect-reset-until-connected.js test-net-write-after-end-nt.js`,
  'It expects that a paused socket does not keep the process alive.': `
test-net-connect-paused-connection.js test-http-client-error-rawbytes.js test-http-client-reject-chunked-with-content-length.js
test-http-client-reject-cr-no-lf.js`,
  'It expects that the system has taken the end of a socket, where `finish` here means that the peer has it.': `
test-net-write-after-close.js`,
  'It replaces `http.globalAgent`, which this run cannot see.': `
test-http-client-override-global-agent.js test-https-client-override-global-agent.js`,
  'It closes its server while a client connects, and counts on the turns of the event loop that TCP takes.': `
test-net-connect-abort-controller.js test-https-agent-abort-controller.js`,
  'A socket of TLS below a server is no `net.Socket`.': `
test-https-keep-alive-drop-requests.js`,
  'Nobody has explained it yet.': `
test-https-client-renegotiation-limit.js test-https-set-timeout-server.js`,
}

/** The names of these tests, each with its reason. */
export const differences: ReadonlyMap<string, string> = new Map(
  Object.entries(REASONS).flatMap(([reason, names]) =>
    names
      .trim()
      .split(/\s+/)
      .map(name => [name, reason] as const),
  ),
)
