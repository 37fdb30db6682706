/** Head of a Kamailio configuration that listens on this TCP port of loopback and asks no DNS. */
export function kamailioHead(port: number): string {
  return `#!KAMAILIO
debug=1
log_stderror=yes
dns=no
rev_dns=no
auto_aliases=no
disable_core_dump=yes
children=1
tcp_children=1
listen=tcp:127.0.0.1:${port}
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "xlog.so"
loadmodule "textops.so"`;
}
