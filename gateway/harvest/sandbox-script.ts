// How a stranger's program is put where it reaches nothing. Arguments come as arguments and are never read as shell.

/** As the program sees them. */
export const seen = { package: "/package", home: "/home/user", work: "/work", temporary: "/tmp" } as const;

const devices = "null zero full random urandom";

/**
 * Runs as process 1 of new namespaces, with the rights of their root and of nobody outside. It makes a root folder of its own in
 * memory, which holds only what is put there, and moves into it. The command runs beside it under a number without rights over the
 * namespaces, and may make none itself.
 *
 * Descriptor 3 is ours: nothing is started before a line comes on it, and when it closes, and so when we are gone, this ends, and
 * everything with it. On descriptor 4 it says `up` when all walls stand, and later with which code the command ended.
 *
 * `$1` root, `$2` package, `$3` bytes of files, `$4` processes, `$5` seconds, `$6` kilobytes of memory; then what of the machine can
 * be read, `--`, and the command.
 */
export const sandboxScript = `
set -e
root=$1 folder=$2 files=$3 processes=$4 seconds=$5 kilobytes=$6; shift 6
only_readable() {
  mount -o remount,bind,ro,nosuid,nodev "$1" 2>/dev/null || mount -o remount,bind,ro,nosuid,nodev,noexec "$1"
}
mount --make-rprivate /
mount -t tmpfs -o "size=$files,mode=755,nosuid,nodev" tmpfs "$root"
cd "$root"
mkdir -p proc dev/shm etc package home/user work tmp old
while [ "$1" != -- ]; do
  if [ -L "$1" ]; then ln -s "$(readlink "$1")" ".$1"
  elif [ -d "$1" ]; then mkdir -p ".$1"; mount --rbind "$1" ".$1"; only_readable ".$1"
  elif [ -e "$1" ]; then mkdir -p ".\${1%/*}"; : > ".$1"; mount --bind "$1" ".$1"; only_readable ".$1"
  fi
  shift
done
shift
for device in ${devices}; do : > "dev/$device"; mount --bind "/dev/$device" "dev/$device"; done
ln -s /proc/self/fd dev/fd
mount --bind "$folder" package
only_readable package
mount -t proc proc proc
echo 'user:x:1000:1000::${seen.home}:/bin/sh' > etc/passwd
echo 'user:x:1000:' > etc/group
echo '127.0.0.1 localhost' > etc/hosts
chmod 1777 tmp dev/shm
pivot_root . old
umount -l /old
rmdir /old
cd ${seen.work}
hostname harvest
echo 1 > /proc/sys/user/max_user_namespaces
exec 5<&0 0</dev/null
echo up >&4
read -r go <&3
set +e
(
  unshare --user --map-user=1000 --map-group=1000 -- /bin/sh -c '
    exec 3<&- 4>&- 5<&-
    ulimit -c 0; ulimit -n 4096; ulimit -t "$1"; ulimit -d "$2"; { ulimit -u "$3" || ulimit -p "$3"; } 2>/dev/null
    shift 3
    exec nice -n 10 "$@"
  ' command "$seconds" "$kilobytes" "$processes" "$@" <&5
  echo "$?" >&4
) &
exec 1>/dev/null 2>/dev/null 5<&-
read -r end <&3
`;
