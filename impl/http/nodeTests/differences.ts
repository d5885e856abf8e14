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
test-http-correct-hostname.js test-http-agent-reuse-drained-socket-only.js test-http-localaddress-bind-error.js test-http-localaddress.js
test-tls-connect-allow-half-open-option.js test-tls-connect-hints-option.js test-tls-connect-pipe.js test-tls-connect-timeout-option.js
test-tls-net-connect-prefer-path.js test-tls-wrap-econnreset-pipe.js test-http-unix-socket-keep-alive.js test-http-unix-socket.js`,
  'It reads or replaces what Node keeps under names with an underscore, or in its binding.': `
test-net-access-byteswritten.js test-net-after-close.js test-net-connect-keepalive.js test-net-connect-nodelay.js
test-net-end-close.js test-net-persistent-nodelay.js test-net-server-keepalive.js test-net-server-listen-handle.js
test-net-server-nodelay.js test-net-socket-connecting.js test-net-socket-setnodelay.js test-net-timeout-no-handle.js
test-http-client-immediate-error.js test-http-client-spurious-aborted.js test-http-client-timeout-on-connect.js
test-http-nodelay.js test-tls-clientcertengine-unsupported.js test-tls-keyengine-unsupported.js test-tls-wrap-timeout.js test-http-parser-lazy-loaded.js`,
  'It passes a server or a socket to another process, or connects to one, which has a stack of its own here.': `
test-net-child-process-connect-reset.js test-net-listen-exclusive-random-ports.js test-net-listen-handle-in-cluster-1.js
test-net-server-close-before-ipc-response.js test-http-chunk-problem.js test-tls-env-extra-ca.js test-tls-env-extra-ca-with-options.js
test-tls-ticket-cluster.js test-http-pipeline-flood.js test-http-server-stale-close.js`,
  'It compares the text of an error.': `
test-net-connect-options-invalid.js test-net-connect-reset-until-connected.js test-net-write-after-end-nt.js`,
  'It expects that a paused socket, or one whose peer has ended, does not keep the process alive.': `
test-net-connect-paused-connection.js test-http-client-error-rawbytes.js test-http-client-reject-chunked-with-content-length.js
test-http-client-reject-cr-no-lf.js test-http-incoming-pipelined-socket-destroy.js test-https-set-timeout-server.js
test-http-parser-freed-before-upgrade.js test-http-server-keep-alive-timeout.js test-http-server-destroy-socket-on-client-error.js
test-http-set-timeout-server.js test-http-upgrade-binary.js`,
  'It expects that the system has taken the end of a socket, where `finish` here means that the peer has it.': `
test-net-write-after-close.js test-http-pause-no-dump.js`,
  'It replaces `http.globalAgent`, which this run cannot see.': `
test-http-client-override-global-agent.js test-https-client-override-global-agent.js`,
  'It closes its server while a client connects, or aborts during an answer, and counts on the turns of the event loop that TCP takes.': `
test-net-connect-abort-controller.js test-https-agent-abort-controller.js test-http-agent-abort-controller.js
test-http-writable-true-after-close.js test-tls-connect-abort-controller.js`,
  'It expects that a socket of TLS closes a turn of the event loop after the socket below it.': `
test-tls-socket-close.js`,
  'It expects an instance of `net.Socket`.': `
test-http-set-timeout.js test-http-upgrade-server-callback.js test-http-keep-alive-drop-requests.js test-https-keep-alive-drop-requests.js`,
  'Its server ends a connection after an answer, and the client counts on both arriving in one turn of the event loop.': `
test-http-should-keep-alive.js`,
  'Its server inherits from `http.Server`, which listens on the kernel.': `
test-http-upgrade-server.js`,
  'It makes a `tls.TLSSocket` by itself, which connects through the kernel.': `
test-tls-retain-handle-no-abort.js`,
  'Node ignores `onread` of a TLS socket over a socket that the program gives.': `
test-tls-onread-static-buffer.js`,
  'Over a socket that is none of the kernel, Node reads the first bytes of TLS twice if the server has `pauseOnConnect`.': `
test-tls-server-parent-constructor-options.js`,
  'Over a socket that is none of the kernel, an assertion inside Node fails: two writes at once, as `renegotiate` does, two shutdowns, or a listener on a closed socket.': `
test-https-client-renegotiation-limit.js test-tls-close-notify.js test-tls-tlswrap-segfault-2.js`,
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
