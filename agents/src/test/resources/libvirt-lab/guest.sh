#!/bin/bash
# Builds the lab's guest from Debian packages alone: guest.sh CACHE
# Leaves CACHE/vmlinuz and CACHE/initrd.gz; the kernel package is kept in CACHE, so a second call is quick.
set -eu
CACHE=$1
HERE=$(dirname "$(readlink -f "$0")")
mkdir -p "$CACHE"
cd "$CACHE"

if [ ! -f vmlinuz ] || [ ! -d modules ]; then
    PACKAGE=$(apt-cache depends linux-image-cloud-amd64 | awk '/Depends: linux-image/ {print $2; exit}')
    [ -n "$PACKAGE" ] || { echo "no linux-image-cloud-amd64 in the package lists. Maybe apt-get update was not run?" >&2; exit 1; }
    ls "$PACKAGE"_*.deb >/dev/null 2>&1 || apt-get -q download "$PACKAGE" >&2
    rm -rf kernel modules
    dpkg -x "$PACKAGE"_*.deb kernel
    mkdir modules
    index=10 # modules load in this order
    for module in virtio_ring virtio virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci virtio_balloon virtio_blk \
        failover net_failover virtio_net; do
        file=$(find kernel -name "$module.ko" | head -n 1)
        [ -z "$file" ] || cp "$file" "modules/$index-$module.ko" # built in when there is no file
        index=$((index + 1))
    done
    cp kernel/boot/vmlinuz-* vmlinuz
    rm -rf kernel
fi

rm -rf root
mkdir -p root/bin root/proc root/sys root/dev root/tmp root/modules
cp "$(command -v busybox)" root/bin/busybox # package busybox-static
cp modules/*.ko root/modules/
cp "$HERE/init" root/init
chmod +x root/init
(cd root && find . | cpio --quiet -o -H newc | gzip -1) >initrd.tmp
mv initrd.tmp initrd.gz
rm -rf root
