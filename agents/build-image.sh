#!/bin/sh
# Builds agents/target/image: the agent alone with a Java runtime cut down to what it uses.
#
#   agents/build-image.sh [--skip-build]
#   agents/target/image/bin/novacron-agent --daemon 127.0.0.1:7071 --spool /var/lib/novacron/agent
#
# Needs a JDK >= 25 in JAVA_HOME or among /usr/lib/jvm.
set -eu
cd "$(dirname "$0")/.."

jdk=${JAVA_HOME:-}
if [ ! -x "$jdk/bin/jlink" ] || ! "$jdk/bin/java" -version 2>&1 | grep -q 'version "2[5-9]'; then
    jdk=
    for candidate in /usr/lib/jvm/*25*; do
        [ -x "$candidate/bin/jlink" ] && jdk=$candidate
    done
fi
if [ -z "$jdk" ]; then
    echo "JAVA_HOME=${JAVA_HOME:-} must be a JDK >= 25. Maybe: apt-get install temurin-25-jdk?" >&2
    exit 1
fi

if [ "${1:-}" != --skip-build ]; then
    mvn -q -B -ntp -pl agents -am -DskipTests -Djacoco.skip=true package
fi

image=agents/target/image
rm -rf "$image"
"$jdk/bin/jlink" --add-modules java.base,jdk.unsupported \
    --strip-debug --no-header-files --no-man-pages --compress=zip-6 --generate-cds-archive --output "$image"
mkdir "$image/app"
cp agents/target/lib/*.jar "$image/app/"
for jar in agents/target/novacron-agents-*.jar; do
    case $jar in
        *-tests.jar) ;;
        *) cp "$jar" "$image/app/" ;;
    esac
done

# One line each; the launcher and the training run below must use the same, or the cache does not fit. What access the
# libraries need comes from the one list; the rest is what makes this JVM small. It interprets: compiling saves 0.1 % of a
# core and costs 4 MB, which a host gives less gladly. `-Xmixed -XX:TieredStopAtLevel=1` in NOVACRON_AGENT_JVM_OPTIONS undoes it.
grep -E '^--(enable-native-access|sun-misc-unsafe|add-(exports|opens)=java.base/jdk.internal.misc)' daemon/jvm.options \
    > "$image/app/jvm.options"
cat >> "$image/app/jvm.options" <<'OPTIONS'
-XX:+UseSerialGC
-Xint
-XX:-UsePerfData
-XX:TrimNativeHeapInterval=30000
-Xss320k
-Xms4m
-Xmx24m
-XX:MinHeapFreeRatio=10
-XX:MaxHeapFreeRatio=25
OPTIONS

cat > "$image/bin/novacron-agent" <<'LAUNCHER'
#!/bin/sh
# Starts the agent of this image; the options are those of `novacron agent`.
home=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
class_path=$(printf '%s:' "$home"/app/*.jar)
export MALLOC_ARENA_MAX=1
exec "$home/bin/java" @"$home/app/jvm.options" ${NOVACRON_AGENT_AOT:--XX:AOTCache="$home/app/agent.aot"} \
    ${NOVACRON_AGENT_JVM_OPTIONS:-} \
    -cp "${class_path%:}" io.novacron.agent.AgentMain "$@"
LAUNCHER
chmod +x "$image/bin/novacron-agent"

# A short run fills the ahead-of-time cache: classes come parsed and linked, which saves memory and start-up. Where there is
# libvirt its own test driver has the run reach the classes that talk to it.
hypervisor=none
if ldconfig -p 2>/dev/null | grep -q 'libvirt\.so\.0'; then
    hypervisor=test:///default
fi
here=$(pwd)
training=$(mktemp -d)
NOVACRON_AGENT_AOT="-XX:AOTCacheOutput=$here/$image/app/agent.aot" \
    "$image/bin/novacron-agent" --daemon 127.0.0.1:9 --spool "$training/spool" --interval 1s --libvirt "$hypervisor" \
    > "$training/log" 2>&1 &
pid=$!
sleep 8
kill -TERM "$pid"
wait "$pid" || true
rm -rf "$training"
[ -s "$image/app/agent.aot" ] || { echo "the training run left no cache" >&2; exit 1; }
du -sh "$image"
