package io.novacron.wire.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.novacron.wire.sbe.ActionType;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VmSettingTest {
    @ParameterizedTest
    @CsvSource({
        "CPU_QUOTA, 1.5, 1500m",
        "CPU_QUOTA, 1500m, 1500m",
        "CPU_QUOTA, 2, 2000m",
        "CPU_QUOTA, none, none",
        "CPU_SHARES, 0512, 512",
        "VCPU_PINS, '3,0-1,2', 0-3",
        "VCPU_PINS, '8,0-2', '0-2,8'",
        "VCPU_PINS, 0-1;0-1, 0-1",
        "VCPU_PINS, 0;any, 0;any",
        "VCPU_PINS, any;any, any",
        "VCPU_PINS, any, any"
    })
    void hasOneForm(VmSetting setting, String text, String canonical) {
        assertThat(setting.parse(text)).isEqualTo(canonical);
        assertThat(setting.parse(canonical)).as("and stays so").isEqualTo(canonical);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "0.001", "-1", "1e3", "lots", "5000000m"})
    void refusesAQuotaThatIsNone(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> VmSetting.CPU_QUOTA.parse(text))
                .withMessageContaining("cpu-quota=" + text + " must be none, or CPUs");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "262145", "x"})
    void refusesSharesThatAreNone(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> VmSetting.CPU_SHARES.parse(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "3-1", "a", "0,", "0;;1", "99999"})
    void refusesPinsThatAreNone(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> VmSetting.VCPU_PINS.parse(text));
    }

    @Test
    void pinsOfEachVcpuAreTheTextAndBack() {
        List<@Nullable BitSet> pins = VmSetting.pins("0;2-3", 2);
        assertThat(Objects.requireNonNull(pins.get(1)).stream()).containsExactly(2, 3);
        assertThat(VmSetting.pins(pins)).isEqualTo("0;2-3");
        assertThat(VmSetting.pins("any", 3)).hasSize(3).containsOnlyNulls();
        assertThat(VmSetting.pins(VmSetting.pins("4-5", 3)))
                .as("one list for all")
                .isEqualTo("4-5");
    }

    @Test
    void belongsToATypeAndALabel() {
        assertThat(VmSetting.of(ActionType.SET_CPU_SHARES)).isEqualTo(VmSetting.CPU_SHARES);
        assertThat(VmSetting.of(ActionType.SET_VCPUS)).isNull();
        assertThat(VmSetting.CPU_QUOTA.read(Map.of("novacron.cpu-quota", "none")))
                .isEqualTo("none");
        assertThat(VmSetting.quotaMillis("none")).isEqualTo(Long.MAX_VALUE);
        assertThat(VmSetting.quotaMillis("1500m")).isEqualTo(1_500);
    }

    @Test
    void everyTypeHasACapabilityOfItsOwnAsInTheSchema() {
        assertThat(ActionCapability.of(ActionType.LIVE_MIGRATE)).isEqualTo(1 << 3);
        assertThat(ActionCapability.of(ActionType.SET_CPU_QUOTA)).isEqualTo(1 << 5);
        assertThat(ActionCapability.of(ActionType.STOP)).isEqualTo(1 << 9);
        assertThat(ActionCapability.of(ActionType.SCALE_OUT)).isEqualTo(1 << 10);
        assertThat(ActionCapability.of(ActionType.SCALE_IN)).isEqualTo(1 << 11);
        assertThat(ActionCapability.of(ActionType.NULL_VAL)).isZero();
        assertThat(ActionCapability.isOfVersionTwo(ActionType.LIVE_MIGRATE)).isFalse();
        for (ActionType type : ActionType.values()) {
            if (type.value() >= ActionType.SET_CPU_QUOTA.value() && type.value() < 255) {
                assertThat(ActionCapability.of(type)).as("%s", type).isPositive();
                assertThat(ActionCapability.isOfVersionTwo(type))
                        .as("%s", type)
                        .isNotEqualTo(ActionCapability.isScaling(type));
            }
        }
    }
}
