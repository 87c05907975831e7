#!/bin/bash
# One lab host: a libvirtd of its own in namespaces of its own.
#
#   unshare --mount --uts --net --pid --fork --kill-child --mount-proc host.sh NAME ADDRESS FOLDER
#
# This script is the first process of a new pid namespace and obeys lines on its standard input:
#   start-libvirtd | stop-libvirtd SIGNAL | address DEVICE (brings up a cable that was put into this host)
# When its input ends (whoever started it stopped or died), it exits, and with it the kernel ends
# libvirtd, every guest, every mount and every network device of this host. So nothing is left over.
set -u
NAME=$1 ADDRESS=$2 FOLDER=$3

# CPU time is shared out in a cgroup of the host's own, where this machine lets us (cgroups v1). LabHost removes it;
# what a killed test left an hour ago goes here.
CPU_CGROUP=/sys/fs/cgroup/cpu
LAB_CGROUP=$CPU_CGROUP/nclab-$(basename "$(dirname "$FOLDER")")-$NAME
if [ -z "${IN_LAB_CGROUP:-}" ] && [ -w "$CPU_CGROUP/cpu.shares" ]; then
    find "$CPU_CGROUP" -depth -path "$CPU_CGROUP/nclab-*" -type d -mmin +60 -exec rmdir {} + 2>/dev/null
    if mkdir "$LAB_CGROUP" 2>/dev/null && echo 0 2>/dev/null >"$LAB_CGROUP/cgroup.procs"; then
        IN_LAB_CGROUP=yes exec unshare --cgroup bash "$0" "$@"
    fi
fi

say() { echo "$*"; }

prepare() {
    mkdir -p "$FOLDER"/{etc,lib,run,log,cache}
    mkdir -p /etc/libvirt /var/lib/libvirt /run/libvirt /var/log/libvirt /var/cache/libvirt
    mount --make-rprivate /
    mount --bind "$FOLDER/etc" /etc/libvirt
    mount --bind "$FOLDER/lib" /var/lib/libvirt
    mount --bind "$FOLDER/run" /run/libvirt
    mount --bind "$FOLDER/log" /var/log/libvirt
    mount --bind "$FOLDER/cache" /var/cache/libvirt
    hostname "$NAME"
    cat >/etc/libvirt/libvirtd.conf <<CONF
listen_tls = 0
listen_tcp = 1
listen_addr = "0.0.0.0"
auth_tcp = "none"
auth_unix_rw = "none"
auth_unix_ro = "none"
host_uuid = "$(cat "$FOLDER/uuid")"
log_outputs = "3:file:/var/log/libvirt/libvirtd.log"
CONF
    local controllers=""
    umount /sys/fs/cgroup/unified 2>/dev/null # libvirt takes it for one that has controllers
    if [ -n "${IN_LAB_CGROUP:-}" ] && umount "$CPU_CGROUP" && mount -t cgroup -o cpu cgroup "$CPU_CGROUP"; then
        controllers='"cpu"'
    fi
    # No security driver or device namespace: the lab tests actions, not confinement.
    cat >/etc/libvirt/qemu.conf <<CONF
user = "root"
group = "root"
dynamic_ownership = 0
remember_owner = 0
security_driver = "none"
namespaces = [ ]
cgroup_controllers = [ $controllers ]
stdio_handler = "file"
migration_host = "$ADDRESS"
CONF
    ip link set lo up
    ip link add virbr0 type bridge && ip link set virbr0 up
}

start_libvirtd() {
    rm -f /run/libvirt/libvirt-sock
    /usr/sbin/libvirtd --listen --pid-file /run/libvirt/libvirtd.pid >>"$FOLDER/log/libvirtd.out" 2>&1 </dev/null &
    LIBVIRTD=$!
    # It listens before its drivers are ready to serve, so ask it something.
    for _ in $(seq 200); do
        if [ -S /run/libvirt/libvirt-sock ] && timeout 5 virsh -q -c qemu:///system uri </dev/null >/dev/null 2>&1; then
            say "ready"
            return
        fi
        kill -0 "$LIBVIRTD" 2>/dev/null || break
        sleep 0.05
    done
    say "failed $(tail -n 3 "$FOLDER/log/libvirtd.log" "$FOLDER/log/libvirtd.out" 2>&1 | tr '\n' ' ')"
}

prepare || { say "failed could not prepare $FOLDER"; exit 1; }
start_libvirtd
while read -r command argument; do
    case $command in
        start-libvirtd) start_libvirtd ;;
        stop-libvirtd)
            kill -s "$argument" "$LIBVIRTD"
            wait "$LIBVIRTD" 2>/dev/null
            say "ready"
            ;;
        address) ip addr add "$ADDRESS/24" dev "$argument" && ip link set "$argument" up && say "ready" || say "failed address" ;;
        *) say "failed unknown command '$command'" ;;
    esac
done
