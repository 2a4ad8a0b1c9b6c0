"""Claims: what a compiled program sends is read from its text as the TPU compiler writes it."""

from sinq_jax.plan.collectives import Collective, collectives, volumes

ALL_GATHER = (
    "  %all-gather.6 = bf16[4096,1024]{1,0:T(8,128)(2,1)S(1)} all-gather(%param.1), channel_id=2, "
    "replica_groups=[4,16]<=[16,4]T(1,0), dimensions={0}, use_global_device_ids=true"
)
BY_MESH = (
    "  %all-gather.14 = bf16[256,4096]{1,0:T(8,128)(2,1)} all-gather(%multiply_add_fusion.2), "
    "channel_id=7, replica_groups=mesh['axis_0'=16,'axis_1'=4] {'axis_1'}, dimensions={1}"
)
ALL_REDUCE = (
    "  %all-reduce.6 = bf16[256,4096]{1,0:T(8,128)(2,1)} all-reduce(%input.2), channel_id=6, "
    "replica_groups={{0,1,2,3},{4,5,6,7}}, use_global_device_ids=true, to_apply=%add.1.clone"
)
TUPLE = (
    "  %all-reduce.9 = (f32[8]{0}, f32[2,4]{1,0}) all-reduce(%a, %b), channel_id=6, "
    "replica_groups={{0,1}}, to_apply=%add"
)
SCATTER_WRITTEN_AS_REDUCE = """\
%all-reduce-scatter (input: bf16[4096,1024]) -> bf16[256,1024] {
  %all-reduce.2 = bf16[4096,1024]{1,0} all-reduce(%input), channel_id=4, replica_groups={{0,4,8,12}}
  ROOT %dynamic-slice.7 = bf16[256,1024]{1,0} dynamic-slice(%all-reduce.2, %multiply.3, %c)
}
"""
ASYNCHRONOUS = (
    "  %collective-permute-start = (bf16[24,1024]{1,0}, bf16[24,1024]{1,0}, u32[]{:S(2)}, "
    "u32[]{:S(2)}) collective-permute-start(%slice), channel_id=1, source_target_pairs={{0,4}}\n"
    "  %collective-permute-done = bf16[24,1024]{1,0} collective-permute-done(%start)"
)


def test_an_all_gather_sends_all_but_the_own_part_of_its_result() -> None:
    assert [*collectives(ALL_GATHER)] == [Collective("all-gather", 4096 * 1024 * 2 * 15 / 16, 16)]


def test_groups_named_by_mesh_axes_have_the_size_of_these_axes() -> None:
    assert [*collectives(BY_MESH)] == [Collective("all-gather", 256 * 4096 * 2 * 3 / 4, 4)]


def test_an_all_reduce_sends_its_array_nearly_twice() -> None:
    assert [*collectives(ALL_REDUCE)] == [Collective("all-reduce", 256 * 4096 * 2 * 2 * 3 / 4, 4)]


def test_several_arrays_reduced_together_are_added_up() -> None:
    assert [*collectives(TUPLE)] == [Collective("all-reduce", 64.0, 2)]


def test_an_all_reduce_of_which_a_part_is_kept_is_a_reduce_scatter() -> None:
    sent = 4096 * 1024 * 2 / 4 * 3
    assert [*collectives(SCATTER_WRITTEN_AS_REDUCE)] == [Collective("reduce-scatter", sent, 4)]


def test_an_operation_that_starts_and_ends_apart_is_counted_once() -> None:
    assert volumes(ASYNCHRONOUS) == {"collective-permute": 24 * 1024 * 2}


def test_uses_of_a_result_are_no_collectives() -> None:
    assert not [*collectives("  %f = bf16[8]{0} fusion(%all-gather.6), kind=kLoop, calls=%c")]
