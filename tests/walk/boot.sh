# Become the first process of the machine in the folder $1, which is called $2, below the control groups called $3.
# Runs in namespaces of its own, and first makes one more: systemd shall find a tree of control groups that is its own.
set -eu
root=$1 name=$2 group=$3 groups=/sys/fs/cgroup kinds="systemd memory pids cpu"
if [ "${4:-}" != inside ]; then
    for folder in "$groups" "$groups/systemd" "$groups/memory" "$groups/pids" "$groups/cpu"; do
        [ -e "$folder/cgroup.procs" ] || continue
        mkdir -p "$folder/$group"
        echo $$ > "$folder/$group/cgroup.procs"
    done
    exec unshare --cgroup bash "$0" "$root" "$name" "$group" inside
fi
mount --make-rprivate /
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=666 devpts "$root/dev/pts"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
for device in null zero full random urandom tty; do
    touch "$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
done
if [ -e "$groups/cgroup.controllers" ]; then
    mount -t cgroup2 cgroup2 "$root$groups"
else
    mount -t tmpfs -o mode=755 tmpfs "$root$groups"
    for kind in $kinds; do
        mkdir "$root$groups/$kind"
        [ "$kind" = systemd ] && option=none,name=systemd || option=$kind
        mount -t cgroup -o "$option" cgroup "$root$groups/$kind" || rmdir "$root$groups/$kind"
    done
fi
echo "$name" > "$root/etc/hostname"
printf '127.0.0.1 localhost %s\n::1 localhost\n' "$name" > "$root/etc/hosts"
hostname "$name"
export container=walk
# Not chroot: who is in one may make no namespaces for users, which services want.
cd "$root"
pivot_root . .
umount -l .
exec /lib/systemd/systemd --log-target=console --log-level=notice
